"""Tokens of the fact dictionary (`libs/guide`) that entries of registers carry."""

from typing import Literal

Level = Literal["none", "county", "city", "provincial", "ministry", "national"]
PlatformType = Literal[
    "key_lab",
    "key_discipline",
    "engineering_lab",
    "engineering_research_centre",
    "technology_innovation_centre",
    "clinical_research_centre",
    "guangxi_major_base",
    "agri_science_park",
    "star_maker_space",
    "agri_engineering_centre",
    "incubator",
    "maker_space",
    "university_science_park",
    "new_rd_institution",
    "other",
]
QualificationKind = Literal[
    "specialised_innovative",
    "above_scale_industrial",
    "technology_innovation_demonstration",
    "hnte",
    "provincial_innovative",
    "other",
]
CountyIndicator = Literal[
    "rd_intensity",
    "fiscal_st_spend",
    "hightech_value_added",
    "hnte_count",
    "invention_patents",
    "contract_turnover",
    "environment",
    "other",
]
