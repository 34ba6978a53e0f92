-- What a command's result says beside its outcome: what clearing codes found, and what each control unit answered.
ALTER TABLE told ADD COLUMN detail TEXT NOT NULL DEFAULT '{}';  -- JSON object; '{}' = nothing
