"""KPIs: `catalogue` is the one list of them, `algebra` what they are made of, `worked_example` each computed by hand."""
