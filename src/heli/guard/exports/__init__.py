"""Exports 导出: a list as a file. Asked for, approved where policy says so, made by a job under the requester's own rights
at that moment, and given out only while those rights still stand."""
