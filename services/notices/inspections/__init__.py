"""Inspections (cuộc kiểm tra) as their teams hand them in."""
