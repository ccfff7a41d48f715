"""The deadline clock for anybody: due dates by law, and how they come about."""
