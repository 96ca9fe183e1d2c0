"""The release gate: pure functions from a policy, a result and waivers to a decision."""
