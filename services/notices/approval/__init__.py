"""Review and approval of notices: what people decide of a draft, who, when and why."""
