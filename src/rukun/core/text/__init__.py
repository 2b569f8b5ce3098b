"""Indonesian text: masking of personal data, and what text speaks of."""
