"""What labels of a call are called, in reasons and on pages; a site's own names stay."""

from __future__ import annotations

_FIELDS = {
    "call_type": ("通话类型", "call type"),
    "simple_call": ("简单通话", "simple call"),
    "resolved": ("已解决", "resolved"),
    "direction": ("呼叫方向", "direction"),
    "language": ("语言", "language"),
    "layout": ("录音声道", "recording"),
    "queue": ("队列", "queue"),
    "team": ("班组", "team"),
    "agent_id": ("工号", "agent"),
    "customer_ref": ("客户", "customer"),
    "timed": ("有时间信息", "timed"),
}
_VALUES = {
    "inquiry": ("咨询", "inquiry"),
    "transaction": ("业务办理", "transaction"),
    "fault": ("故障", "fault"),
    "complaint": ("投诉", "complaint"),
    "retention": ("挽留", "retention"),
    "outbound_service": ("外呼服务", "outbound service"),
    "outbound_sales": ("外呼销售", "outbound sales"),
    "void": ("无效通话", "void"),
    "other": ("其他", "other"),
    "inbound": ("呼入", "inbound"),
    "outbound": ("呼出", "outbound"),
    "internal": ("内部", "internal"),
    "mono": ("单声道", "mono"),
    "stereo": ("双声道", "stereo"),
    "zh": ("中文", "Chinese"),
    "en": ("英文", "English"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
}


def field_name(field: str) -> tuple[str, str]:
    """A label's name in Chinese and in English."""
    return _FIELDS.get(field, (field, field))


def value_name(value: str | None) -> tuple[str, str]:
    """A label's value in Chinese and in English; of a missing one, that it is not set."""
    return _VALUES.get(value, (value, value)) if value else ("未知", "not set")
