"""The applicants' own papers, made on the spot: real PDF and DOCX with Chinese text."""

import io
from collections.abc import Sequence

import docx
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_FONT = "STSong-Light"  # named, not embedded: every PDF reader has a face for it


def pdf(title: str, paragraphs: Sequence[str]) -> bytes:
    """An A4 PDF with a heading and paragraphs; its metadata name nobody."""
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    heading = ParagraphStyle("heading", fontName=_FONT, fontSize=16, leading=28, alignment=1)
    body = ParagraphStyle("body", fontName=_FONT, fontSize=11, leading=20, wordWrap="CJK")
    out = io.BytesIO()
    flow = [Paragraph(title, heading), Spacer(1, 12), *(Paragraph(text, body) for text in paragraphs)]
    SimpleDocTemplate(out, title=title, author="", creator="", subject="").build(flow)
    return out.getvalue()


def word(title: str, paragraphs: Sequence[str], table: Sequence[Sequence[str]] = ()) -> bytes:
    """A DOCX with a heading, paragraphs and perhaps a table; its properties name nobody."""
    document = docx.Document()
    document.core_properties.author = ""
    document.core_properties.title = title
    document.add_heading(title, level=1)
    for text in paragraphs:
        document.add_paragraph(text)
    if table:
        grid = document.add_table(rows=0, cols=len(table[0]))
        for row in table:
            cells = grid.add_row().cells
            for cell, text in zip(cells, row, strict=True):
                cell.text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def feasibility(title: str) -> bytes:
    """可行性报告, without a word about who applies."""
    return pdf(
        f"{title}·可行性报告",
        [
            "一、立项依据。本项目针对行业共性难题开展研究，现有工艺能耗高、良品率不稳定，下游需求明确。",
            "二、研究内容与技术路线。小试验证关键参数，中试考核连续运行，形成工艺包与检测方法。",
            "三、考核指标。形成新工艺一套，申请发明专利二件，制定企业标准一项。",
            "四、进度安排。第一阶段完成方案与小试，第二阶段完成中试与应用验证。",
            "五、风险与对策。原料波动以双来源采购应对，关键设备以备件库应对。",
        ],
    )


def budget(title: str, rd_total: int) -> bytes:
    """经费预算列表及说明; `rd_total` in yuan."""
    shares = [("设备费", 45), ("材料费", 25), ("测试化验加工费", 15), ("人员费", 10), ("其他", 5)]
    rows, left = [("科目", "金额（元）")], rd_total
    for name, percent in shares[:-1]:
        amount = rd_total * percent // 100
        left -= amount
        rows.append((name, f"{amount:,}"))
    rows += [(shares[-1][0], f"{left:,}"), ("合计", f"{rd_total:,}")]
    return word(f"{title}·经费预算", ["单位：元。各科目按实际需要测算，依据见说明。"], rows)


def commitment(unit: str, leader: str) -> bytes:
    """承诺书, signed by the unit and the applicant."""
    return pdf(
        "承诺书",
        [f"{unit}及项目负责人{leader}承诺：所提交材料真实、合法、有效。", "（单位签章） （申报人签字）"],
    )


def rd_proof(unit: str, amount: int) -> bytes:
    """2019年研发投入证明; `amount` in yuan."""
    return pdf("2019年度研发投入情况说明", [f"{unit}2019年度研发投入合计人民币{amount:,}元。"])


def patent_certificate(number: str, owner: str) -> bytes:
    """发明专利授权证书, as an applicant would scan it."""
    return pdf("发明专利证书（演示）", [f"专利号：{number}", f"专利权人：{owner}", "专利类型：发明"])


def recommendation_form(unit: str, rows: Sequence[Sequence[str]]) -> bytes:
    """推荐表 with its five columns, as the recommending unit seals it."""
    heads = ("序号", "项目名称", "承担单位", "项目负责人", "项目类别")
    return word("2020年度市科技计划竞争性项目推荐表", [f"推荐单位（盖章）：{unit}"], [heads, *rows])
