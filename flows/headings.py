"""Headings and codes of the command line's tables in the site's language.

Commands name columns by their JSON keys or in English; people read them in their own language.
"""

from __future__ import annotations

from qa.errors import QaError
from qa.evaluation import Bilingual
from qa.settings import load_settings

#: Codes that do not read well as they are, in English.
_EN = {
    "call_id": "call", "agent_id": "agent", "happened_at": "at", "started_at": "started",
    "duration_ms": "length", "quality_percent": "score", "finding_count": "suspected",
    "review_count": "to review", "needs_person": "needs a person", "void": "not evaluable",
    "not_scorable": "not scorable",
    "audio_seconds": "audio s", "wall_seconds": "took s", "real_time_factor": "× real time",
    "customer_ref": "customer", "file_name": "file", "made_by": "by", "made_at": "made",
    "undone_at": "undone",
}  # fmt: skip

_ZH = {
    # titles
    "Latest calls": "最近通话", "This run": "本次运行", "Open problems": "未解决的问题",
    "Problems": "问题", "Transcript": "转写", "Done": "已完成", "Model packs": "模型包",
    "Accounts": "账号", "Imports": "导入", "Holds": "法律保留", "Due": "到期数据",
    "Calls (first 40)": "通话（前 40 条）", "Not deleted: see to these": "未能删除，请处理",
    "Urgent calls": "加急通话", "Voiceprints": "声纹", "Packages": "组件", "Scorecards": "评分表",
    "By agent": "按坐席", "By criterion": "按标准", "Failed": "未通过", "Left out": "未计入",
    "All recordings": "全部录音", "By recording": "按录音", "Copied and compared": "已复制并核对",
    # columns
    "call": "通话", "call_id": "通话", "agent": "坐席", "agent_id": "坐席", "team": "团队",
    "queue": "队列", "direction": "方向", "language": "语言", "layout": "声道",
    "at": "时间", "happened_at": "时间", "started_at": "开始时间", "of": "通话时间",
    "length": "时长", "duration_ms": "时长", "score": "得分", "quality_percent": "得分",
    "band": "等级", "state": "状态", "finding_count": "疑似致命错误", "review_count": "待复核",
    "to review": "待复核", "listed": "列出", "new": "新增", "transcribed": "已转写",
    "evaluated": "已评分", "failed": "失败", "skipped": "已完成过", "waiting": "等待",
    "audio_seconds": "录音秒数", "wall_seconds": "用时秒数", "real_time_factor": "实时率",
    "stage": "环节", "file": "文件", "files": "文件数", "file_name": "文件", "reason": "原因",
    "why": "原因", "what to do": "处理办法", "remedy": "处理办法", "field": "项目", "value": "值",
    "who": "说话人", "text": "内容", "criterion": "标准", "name": "名称", "outcome": "结果",
    "standing": "可信度", "points": "分数", "evidence": "证据", "account": "账号", "roles": "角色",
    "teams": "团队", "active": "启用", "last sign-in": "上次登录", "id": "编号", "kind": "类别",
    "inserted": "新增", "changed": "改变", "refused": "拒绝", "made_at": "时间",
    "made_by": "操作人", "undone_at": "撤销时间", "customer_ref": "客户", "class": "类别",
    "calls": "通话数", "severity": "程度", "line": "行", "message": "说明", "suggestion": "建议",
    "recall": "召回率", "true": "实有", "type": "类型", "found": "找到", "covered": "遮住",
    "precision": "精确率", "status": "状态", "problem": "问题", "cer": "字错误率",
    "wer": "词错误率", "der": "分离错误率", "jer": "JER 错误率", "role_accuracy": "角色正确率",
    "rtf": "实时率", "attributed_error": "归属错误率", "grade": "质量等级",
    "digit strings: no more than 3 consecutive true digits remain": "数字串：最多连续露出 3 位",
    "rows": "行数", "digest": "摘要", "table": "表", "stratum": "分层", "inclusion": "入样概率",
    "reviewer": "质检员", "due": "期限", "asked by": "申请人", "licence": "许可", "purpose": "用途",
    "path": "位置", "package": "组件", "installed": "已安装", "expected": "应为",
    "advisory": "安全公告", "before": "之前", "after": "之后", "change": "变化", "flips": "翻转",
    "call_count": "通话数", "speech_ms": "语音毫秒", "consent": "同意", "model": "模型",
    "scored_by": "评分方",
    # codes
    "machine": "机器", "person": "人工", "no score": "无分",
    "customer": "客户", "system": "系统", "unknown": "未知", "recording_id": "录音", "tags": "标签",
    "inbound": "呼入", "outbound": "呼出", "internal": "内部", "mono": "单声道", "stereo": "双声道",
    "met": "达标", "partial": "部分", "missed": "未达标", "not_applicable": "不适用",
    "not_evaluable": "不可评", "Evaluation": "评分",
    "scored": "已评分", "needs_person": "需人工", "void": "不可评", "not_scorable": "不可评分",
    "finished": "完成",
    "running": "运行中", "lost": "中断", "ready": "就绪", "missing": "缺少", "damaged": "已损坏",
    "outdated": "已过期", "yes": "是", "no": "否",
}  # fmt: skip


def in_words(name: str) -> str:
    """A heading or code for people; what is unknown stays as it is, without underscores."""
    return both(name).in_language(side())


def both(name: str) -> Bilingual:
    """As `in_words`, in both languages."""
    english = _EN.get(name, name.replace("_", " "))
    return Bilingual(zh=_ZH.get(name, english), en=english)


def side() -> str:
    """`zh` or `en`, by the settings."""
    try:
        return "zh" if load_settings().language.startswith("zh") else "en"
    except QaError:  # the command itself says what is wrong with the settings
        return "en"
