"""The roles that a membership can give. Role, city and unit together decide what an actor may do."""

from enum import StrEnum


class Role(StrEnum):
    """Published words; never renamed."""

    applicant = "applicant"  # 申报人, 个人登录
    department_manager = "department_manager"  # 归口部门管理员, 法人登录
    recommender = "recommender"  # 推荐单位
    project_leader = "project_leader"  # 项目负责人
    officer = "officer"  # 业务处室
    formal_reviewer = "formal_reviewer"  # 形式审查
    expert = "expert"  # 评审专家
    bureau_head = "bureau_head"  # 局领导
    finance = "finance"
    auditor = "auditor"
    guide_administrator = "guide_administrator"
    membership_administrator = "membership_administrator"
    provincial_client = "provincial_client"  # a provincial platform's machine
    portal_client = "portal_client"  # a city portal's machine
