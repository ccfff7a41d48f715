"""Inspections (cuộc kiểm tra) as their teams submit them."""
