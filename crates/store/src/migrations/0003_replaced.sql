-- When the latest refresh tokens of the sign-in were replaced, the newest first, separated by spaces.
ALTER TABLE sign_in ADD COLUMN replaced TEXT NOT NULL DEFAULT '';
