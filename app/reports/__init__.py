"""Reports: a decision in the formats that build systems, code hosts and registries read."""
