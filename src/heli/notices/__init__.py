"""Notices 通知: what somebody is told of, in the page at once and by mail as they have set it. A notice holds ids, never a text of the
company's: its sentence is made under the rights of who reads it, when they read it.
"""
