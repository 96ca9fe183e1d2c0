"""The release gate: pure functions from policy, results and waivers to a decision."""
