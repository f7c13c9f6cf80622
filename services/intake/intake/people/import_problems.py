"""What can be wrong with a row of an import: code → (Chinese, English). Codes are never renamed."""

from functools import partial
from typing import Final

from common import tabular

WORDS: Final = {
    **tabular.WORDS,
    "not_your_city": ("不在您管理的市", "not one of your cities"),
    "differs": ("与文件中前面的行不一致", "differs from what a row above says"),
    "no_such_unit": ("本市没有此单位", "no such unit in this city"),
    "no_such_person": ("本市没有此人员", "no such person in this city"),
    "unit_needed": ("此角色须对应单位", "this role is held for a unit"),
    "login_of_another_row": ("同一登录账号在前面的行属于另一人", "the login stands for another person above"),
    "login_of_another": ("此登录账号在本市属于另一人", "the login stands for another person here"),
    "membership_ended": (
        "该成员资格已终止；如须重新授予，请填写不早于终止时间的开始时间",
        "the membership has ended; to grant it anew, state a beginning not before that end",
    ),
    "resident_id_twice": ("身份证号与前面的行重复", "the same resident id stands above for another person"),
    "resident_id_taken": ("本市另一人员已有此身份证号", "another person of the city has this resident id"),
    "last_administrator": ("本市至少保留一名成员管理员", "a city keeps its last membership administrator"),
    "fact": ("单位资料有误", "the fact is not valid"),
}

problem = partial(tabular.problem, words=WORDS)
"""As `common.tabular.problem`, with the words of this import."""
