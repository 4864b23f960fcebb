"""Twilio's door: form in, TwiML out. No other room but `carrier` knows Twilio's words."""
