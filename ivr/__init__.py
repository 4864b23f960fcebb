"""A telephone front desk for clinics."""
