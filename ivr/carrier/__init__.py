"""Twilio's REST side: what the worker and operators ask of it. Nothing here runs while a patient waits."""
