"""From YAML to `call_flow.model`: what staff wrote becomes checked values, or sentences that say what is wrong."""
