"""Every write: keyword-only arguments, who as `by=`, one transaction, an audit event."""
