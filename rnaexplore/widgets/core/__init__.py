"""What all views share: state, bytes, selections, figures."""
