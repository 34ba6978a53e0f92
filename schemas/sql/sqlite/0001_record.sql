-- The record, version 1 (SQLite). PostgreSQL's file of the same number stands beside it when it comes.
--
-- Times are UTC microseconds (INTEGER). Lengths in metres, positions in degrees * 1e7, accuracy in millimetres. 0 means unknown only
-- where it says so; otherwise NULL. Every table a dealer may read carries dealer_id: the store filters by the caller's scope.

CREATE TABLE dealer (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  timezone TEXT NOT NULL DEFAULT 'UTC',
  created_at INTEGER NOT NULL
) STRICT;

-- Roles: adviser (service desk), manager (adviser + reports, users of the dealer), rescue (rescue board of every dealer), admin (all).
CREATE TABLE user (
  id INTEGER PRIMARY KEY,
  dealer_id INTEGER REFERENCES dealer(id), -- NULL: rescue centre and admin see every dealer
  login TEXT NOT NULL UNIQUE COLLATE NOCASE,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('adviser','manager','rescue','admin')),
  password_hash TEXT NOT NULL, -- crypto_pwhash_str, argon2id
  locale TEXT NOT NULL DEFAULT 'en',
  created_at INTEGER NOT NULL,
  disabled_at INTEGER
) STRICT;

CREATE TABLE session (
  token_hash BLOB PRIMARY KEY, -- BLAKE2b-256 of the cookie's 32 random bytes
  user_id INTEGER NOT NULL REFERENCES user(id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  csrf TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_user ON session(user_id);

CREATE TABLE customer (
  id INTEGER PRIMARY KEY,
  dealer_id INTEGER NOT NULL REFERENCES dealer(id), -- home dealer
  name TEXT NOT NULL,
  phone TEXT NOT NULL DEFAULT '',   -- E.164
  email TEXT NOT NULL DEFAULT '',
  language TEXT NOT NULL DEFAULT 'en',
  tier TEXT NOT NULL DEFAULT 'standard' CHECK (tier IN ('standard','silver','gold','vip')),
  position_consent INTEGER NOT NULL DEFAULT 0, -- owner lets staff see positions without an open rescue
  external_id TEXT,                 -- key in the dealer's own system (DMS)
  created_at INTEGER NOT NULL,
  UNIQUE (dealer_id, external_id)
) STRICT;
CREATE INDEX customer_by_phone ON customer(phone) WHERE phone <> '';
CREATE INDEX customer_by_dealer ON customer(dealer_id, name);
CREATE INDEX customer_by_name ON customer(name);

CREATE TABLE vehicle (
  id INTEGER PRIMARY KEY,
  vin TEXT NOT NULL UNIQUE CHECK (length(vin) = 17),
  plate TEXT NOT NULL DEFAULT '',
  make TEXT NOT NULL DEFAULT '',
  model TEXT NOT NULL DEFAULT '',
  model_year INTEGER NOT NULL DEFAULT 0,
  dealer_id INTEGER NOT NULL REFERENCES dealer(id), -- home dealer
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX vehicle_by_dealer ON vehicle(dealer_id);

-- [from_at, to_at): one owner at a time.
CREATE TABLE ownership (
  id INTEGER PRIMARY KEY,
  vehicle_id INTEGER NOT NULL REFERENCES vehicle(id),
  customer_id INTEGER NOT NULL REFERENCES customer(id),
  from_at INTEGER NOT NULL,
  to_at INTEGER
) STRICT;
CREATE UNIQUE INDEX ownership_open ON ownership(vehicle_id) WHERE to_at IS NULL;
CREATE INDEX ownership_by_vehicle ON ownership(vehicle_id, from_at);
CREATE INDEX ownership_by_customer ON ownership(customer_id);

CREATE TABLE unit (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE, -- certificate common name = MQTT user name = client id
  shard INTEGER NOT NULL,
  certificate_serial TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT;

CREATE TABLE installation (
  id INTEGER PRIMARY KEY,
  unit_id INTEGER NOT NULL REFERENCES unit(id),
  vehicle_id INTEGER NOT NULL REFERENCES vehicle(id),
  from_at INTEGER NOT NULL,
  to_at INTEGER
) STRICT;
CREATE UNIQUE INDEX installation_open_unit ON installation(unit_id) WHERE to_at IS NULL;
CREATE UNIQUE INDEX installation_open_vehicle ON installation(vehicle_id) WHERE to_at IS NULL;
CREATE INDEX installation_by_unit ON installation(unit_id, from_at);

-- High-water marks: the whole of deduplication. One row a unit, class and epoch.
CREATE TABLE mark (
  unit_id INTEGER NOT NULL REFERENCES unit(id),
  class INTEGER NOT NULL,
  epoch INTEGER NOT NULL, -- the 64 bits, as a signed number
  seq INTEGER NOT NULL,
  evicted INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (unit_id, class, epoch)
) STRICT, WITHOUT ROWID;

-- Append-only. kind: the envelope's body in lower case (alert, fault, trip, odometer, telemetry).
CREATE TABLE event (
  id INTEGER PRIMARY KEY,
  unit_id INTEGER NOT NULL,
  vehicle_id INTEGER, -- NULL: the unit was installed nowhere then
  class INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  kind INTEGER NOT NULL, -- enum tt_event_kind
  created_at INTEGER NOT NULL,
  clock INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  late INTEGER NOT NULL, -- 1: older than the lateness limit when it came
  body BLOB NOT NULL     -- the envelope as it came
) STRICT;

CREATE TABLE vehicle_state (
  vehicle_id INTEGER PRIMARY KEY REFERENCES vehicle(id),
  online INTEGER NOT NULL DEFAULT 0,
  last_seen_at INTEGER NOT NULL DEFAULT 0,
  fix INTEGER NOT NULL DEFAULT 0,
  latitude_e7 INTEGER NOT NULL DEFAULT 0,
  longitude_e7 INTEGER NOT NULL DEFAULT 0,
  accuracy_mm INTEGER NOT NULL DEFAULT 0,
  speed_mm_s INTEGER NOT NULL DEFAULT 0,
  heading_cdeg INTEGER NOT NULL DEFAULT 0,
  fix_at INTEGER NOT NULL DEFAULT 0, -- 0: never had a fix
  odometer_m INTEGER NOT NULL DEFAULT 0, -- 0: unknown
  odometer_at INTEGER NOT NULL DEFAULT 0,
  ignition_on INTEGER NOT NULL DEFAULT 0,
  mil INTEGER NOT NULL DEFAULT 0,
  reported_vin TEXT NOT NULL DEFAULT '',
  conditions TEXT NOT NULL DEFAULT '[]' -- JSON [{name, since_us, detail}]
) STRICT;

CREATE TABLE fault (
  id INTEGER PRIMARY KEY,
  vehicle_id INTEGER NOT NULL REFERENCES vehicle(id),
  protocol INTEGER NOT NULL, -- DtcProtocol
  ecu INTEGER NOT NULL,
  code TEXT NOT NULL,
  active INTEGER NOT NULL,
  stored INTEGER NOT NULL, pending INTEGER NOT NULL, permanent INTEGER NOT NULL, mil INTEGER NOT NULL,
  first_seen_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  cleared_at INTEGER,
  occurrences INTEGER NOT NULL,  -- times it was raised
  freeze_frame TEXT NOT NULL DEFAULT '[]', -- JSON [{pid, name, raw, value, unit}]
  ticket_id INTEGER              -- last ticket it led to
) STRICT;
CREATE UNIQUE INDEX fault_identity ON fault(vehicle_id, protocol, ecu, code);

-- kind: fault, enquiry, complaint, repair, maintenance. Priority 1 (now) .. 4. Status: see crm/domain/ticket.h.
CREATE TABLE ticket (
  id INTEGER PRIMARY KEY,
  dealer_id INTEGER NOT NULL REFERENCES dealer(id),
  vehicle_id INTEGER REFERENCES vehicle(id),
  customer_id INTEGER REFERENCES customer(id),
  fault_id INTEGER REFERENCES fault(id),
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  priority INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 4),
  status TEXT NOT NULL CHECK (status IN ('new','open','pending','resolved','closed')),
  assignee_id INTEGER REFERENCES user(id),
  opened_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  first_response_due_at INTEGER,
  first_response_at INTEGER,
  resolution_due_at INTEGER,
  resolved_at INTEGER,
  closed_at INTEGER,
  sla_paused_at INTEGER,        -- pending since; the due times move when the pause ends (crm/domain/sla.h)
  escalate_at INTEGER,          -- the next instant a clock runs out; NULL = none runs
  escalated_at INTEGER,         -- last time one did
  event_at INTEGER NOT NULL,    -- when it happened in the car
  late INTEGER NOT NULL DEFAULT 0,
  occurrences INTEGER NOT NULL DEFAULT 1,
  fix INTEGER NOT NULL DEFAULT 0,
  latitude_e7 INTEGER NOT NULL DEFAULT 0,
  longitude_e7 INTEGER NOT NULL DEFAULT 0,
  accuracy_mm INTEGER NOT NULL DEFAULT 0,
  fix_at INTEGER NOT NULL DEFAULT 0,
  odometer_m INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 1  -- optimistic locking: a write names the version it saw
) STRICT;
-- One open ticket per vehicle and fault: the promise, kept by the database.
CREATE UNIQUE INDEX ticket_open_fault ON ticket(fault_id) WHERE fault_id IS NOT NULL AND status NOT IN ('resolved','closed');
-- The queue: most urgent first, then age; keyset paging, one index for each way to look at it, so that no page sorts or scans.
CREATE INDEX ticket_queue ON ticket(dealer_id, priority, opened_at, id) WHERE status IN ('new','open','pending');
CREATE INDEX ticket_queue_all ON ticket(priority, opened_at, id) WHERE status IN ('new','open','pending');
CREATE INDEX ticket_queue_assignee ON ticket(dealer_id, assignee_id, priority, opened_at, id) WHERE status IN ('new','open','pending');
CREATE INDEX ticket_queue_assignee_all ON ticket(assignee_id, priority, opened_at, id) WHERE status IN ('new','open','pending');
CREATE INDEX ticket_queue_vehicle ON ticket(vehicle_id, priority, opened_at, id) WHERE status IN ('new','open','pending');
CREATE INDEX ticket_queue_customer ON ticket(customer_id, priority, opened_at, id) WHERE status IN ('new','open','pending');
-- The same for what is done, newest first.
CREATE INDEX ticket_done ON ticket(dealer_id, opened_at, id) WHERE status IN ('resolved','closed');
CREATE INDEX ticket_done_all ON ticket(opened_at, id) WHERE status IN ('resolved','closed');
CREATE INDEX ticket_done_assignee ON ticket(dealer_id, assignee_id, opened_at, id) WHERE status IN ('resolved','closed');
CREATE INDEX ticket_done_assignee_all ON ticket(assignee_id, opened_at, id) WHERE status IN ('resolved','closed');
CREATE INDEX ticket_done_vehicle ON ticket(vehicle_id, opened_at, id) WHERE status IN ('resolved','closed');
CREATE INDEX ticket_done_customer ON ticket(customer_id, opened_at, id) WHERE status IN ('resolved','closed');
CREATE INDEX ticket_escalate ON ticket(escalate_at) WHERE escalate_at IS NOT NULL;

-- Rescue cases. Status: see crm/domain/rescue.h.
CREATE TABLE rescue (
  id INTEGER PRIMARY KEY,
  dealer_id INTEGER NOT NULL REFERENCES dealer(id),
  vehicle_id INTEGER NOT NULL REFERENCES vehicle(id),
  customer_id INTEGER REFERENCES customer(id),
  incident INTEGER NOT NULL,  -- the unit's incident number, as a signed number
  kind TEXT NOT NULL CHECK (kind IN ('crash','sos','theft','breakdown')),
  status TEXT NOT NULL CHECK (status IN ('new','acknowledged','dispatched','on_site','closed')),
  severity TEXT NOT NULL CHECK (severity IN ('unknown','normal','high')),
  detail TEXT NOT NULL DEFAULT '{}', -- JSON: trigger, airbag, delta_v_km_h, speed_before_km_h, rollover, belts
  assignee_id INTEGER REFERENCES user(id),
  opened_at INTEGER NOT NULL,
  event_at INTEGER NOT NULL,
  acknowledged_at INTEGER,
  closed_at INTEGER,
  escalate_at INTEGER,        -- unacknowledged: when to shout again (crm/domain/rescue.h); NULL = no more
  escalations INTEGER NOT NULL DEFAULT 0,
  outcome TEXT NOT NULL DEFAULT '',
  late INTEGER NOT NULL DEFAULT 0,
  fix INTEGER NOT NULL DEFAULT 0,
  latitude_e7 INTEGER NOT NULL DEFAULT 0,
  longitude_e7 INTEGER NOT NULL DEFAULT 0,
  accuracy_mm INTEGER NOT NULL DEFAULT 0,
  fix_at INTEGER NOT NULL DEFAULT 0,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  UNIQUE (vehicle_id, incident)
) STRICT;
CREATE INDEX rescue_open ON rescue(dealer_id, opened_at) WHERE status <> 'closed';
CREATE INDEX rescue_open_all ON rescue(opened_at) WHERE status <> 'closed';
CREATE INDEX rescue_closed ON rescue(dealer_id, closed_at) WHERE status = 'closed';
CREATE INDEX rescue_closed_all ON rescue(closed_at) WHERE status = 'closed';
CREATE INDEX rescue_escalate ON rescue(escalate_at) WHERE escalate_at IS NOT NULL;

-- Maintenance: a plan is a list of items; a vehicle follows plans; done records move the base.
CREATE TABLE plan (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  make TEXT NOT NULL DEFAULT '',  -- '' = any
  model TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE plan_item (
  id INTEGER PRIMARY KEY,
  plan_id INTEGER NOT NULL REFERENCES plan(id),
  name TEXT NOT NULL,
  interval_m INTEGER NOT NULL DEFAULT 0,    -- 0: not by distance
  interval_days INTEGER NOT NULL DEFAULT 0, -- 0: not by time
  warn_m INTEGER NOT NULL DEFAULT 0,
  warn_days INTEGER NOT NULL DEFAULT 0,
  UNIQUE (plan_id, name)
) STRICT;
CREATE TABLE vehicle_plan (
  vehicle_id INTEGER NOT NULL REFERENCES vehicle(id),
  plan_item_id INTEGER NOT NULL REFERENCES plan_item(id),
  base_odometer_m INTEGER NOT NULL DEFAULT 0, -- last done
  base_at INTEGER NOT NULL,
  cycle INTEGER NOT NULL DEFAULT 0,           -- times done; a reminder belongs to a cycle
  PRIMARY KEY (vehicle_id, plan_item_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE reminder (
  id INTEGER PRIMARY KEY,
  dealer_id INTEGER NOT NULL REFERENCES dealer(id),
  vehicle_id INTEGER NOT NULL REFERENCES vehicle(id),
  customer_id INTEGER REFERENCES customer(id),
  plan_item_id INTEGER NOT NULL REFERENCES plan_item(id),
  cycle INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('soon','due','overdue','done','dismissed')),
  due_odometer_m INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER NOT NULL DEFAULT 0,
  odometer_m INTEGER NOT NULL DEFAULT 0, -- when it was made
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (vehicle_id, plan_item_id, cycle)
) STRICT;
CREATE INDEX reminder_open ON reminder(dealer_id, created_at) WHERE status IN ('soon','due','overdue');
CREATE INDEX reminder_open_all ON reminder(created_at) WHERE status IN ('soon','due','overdue');
CREATE INDEX reminder_by_vehicle ON reminder(vehicle_id, created_at);

-- What happened to a ticket, a rescue case or a reminder, in order; never deleted.
CREATE TABLE timeline (
  id INTEGER PRIMARY KEY,
  subject TEXT NOT NULL CHECK (subject IN ('ticket','rescue','reminder')),
  subject_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  actor_id INTEGER REFERENCES user(id), -- NULL: Telltale itself
  kind TEXT NOT NULL, -- opened, fault_changed, fault_repeated, fault_cleared, acknowledged, assigned, comment, status, alert_repeated, ...
  text TEXT NOT NULL DEFAULT '',
  detail TEXT NOT NULL DEFAULT '{}'     -- JSON
) STRICT;
CREATE INDEX timeline_by_subject ON timeline(subject, subject_id, id);

-- The change feed: one row for each thing a desk must show, committed with its cause. id is the SSE id.
CREATE TABLE change (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  dealer_id INTEGER,  -- NULL: for every dealer
  at INTEGER NOT NULL,
  kind TEXT NOT NULL, -- ticket.opened, ticket.updated, rescue.opened, rescue.updated, reminder.opened, reminder.updated, vehicle.updated
  subject_id INTEGER NOT NULL,
  vehicle_id INTEGER,
  body TEXT NOT NULL DEFAULT '{}' -- JSON, small: what the list needs to show it without asking
) STRICT;

-- Notifications to be sent, committed with their cause; sent by the server's workers with the idempotency key.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  dealer_id INTEGER,
  channel TEXT NOT NULL,    -- email, sms, push, webhook, desk
  recipient TEXT NOT NULL,
  template TEXT NOT NULL,   -- crash_owner, fault_owner, maintenance_owner, ...
  payload TEXT NOT NULL,    -- JSON
  idempotency_key TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  sent_at INTEGER,
  failed_at INTEGER,        -- given up
  last_error TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX outbox_due ON outbox(next_at) WHERE sent_at IS NULL AND failed_at IS NULL;

CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY,
  received_at INTEGER NOT NULL,
  topic TEXT NOT NULL,
  unit TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL,
  size INTEGER NOT NULL,
  payload BLOB NOT NULL -- at most 64 KiB of it
) STRICT;

CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  user_id INTEGER,
  dealer_id INTEGER,
  action TEXT NOT NULL,  -- login, login.failed, position.view, ticket.assign, ...
  subject TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  address TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX audit_by_subject ON audit(subject, id);

-- Counters are kept by triggers, never counted (design.md section 8). dealer_id 0 is not used: a network view adds the dealers up.
CREATE TABLE counter (
  dealer_id INTEGER NOT NULL,
  name TEXT NOT NULL,   -- ticket.new, ticket.open, ticket.pending, rescue.open, reminder.open
  value INTEGER NOT NULL,
  PRIMARY KEY (dealer_id, name)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER ticket_count_insert AFTER INSERT ON ticket BEGIN
  INSERT INTO counter VALUES (new.dealer_id, 'ticket.' || new.status, 1)
    ON CONFLICT DO UPDATE SET value = value + 1;
END;
CREATE TRIGGER ticket_count_update AFTER UPDATE OF status, dealer_id ON ticket
WHEN old.status <> new.status OR old.dealer_id <> new.dealer_id BEGIN
  UPDATE counter SET value = value - 1 WHERE dealer_id = old.dealer_id AND name = 'ticket.' || old.status;
  INSERT INTO counter VALUES (new.dealer_id, 'ticket.' || new.status, 1)
    ON CONFLICT DO UPDATE SET value = value + 1;
END;
CREATE TRIGGER rescue_count_insert AFTER INSERT ON rescue WHEN new.status <> 'closed' BEGIN
  INSERT INTO counter VALUES (new.dealer_id, 'rescue.open', 1) ON CONFLICT DO UPDATE SET value = value + 1;
END;
CREATE TRIGGER rescue_count_close AFTER UPDATE OF status ON rescue WHEN old.status <> 'closed' AND new.status = 'closed' BEGIN
  UPDATE counter SET value = value - 1 WHERE dealer_id = new.dealer_id AND name = 'rescue.open';
END;
CREATE TRIGGER rescue_count_reopen AFTER UPDATE OF status ON rescue WHEN old.status = 'closed' AND new.status <> 'closed' BEGIN
  UPDATE counter SET value = value + 1 WHERE dealer_id = new.dealer_id AND name = 'rescue.open';
END;
CREATE TRIGGER reminder_count_insert AFTER INSERT ON reminder WHEN new.status IN ('soon','due','overdue') BEGIN
  INSERT INTO counter VALUES (new.dealer_id, 'reminder.open', 1) ON CONFLICT DO UPDATE SET value = value + 1;
END;
CREATE TRIGGER reminder_count_update AFTER UPDATE OF status ON reminder
WHEN (old.status IN ('soon','due','overdue')) <> (new.status IN ('soon','due','overdue')) BEGIN
  UPDATE counter SET value = value + CASE WHEN new.status IN ('soon','due','overdue') THEN 1 ELSE -1 END
   WHERE dealer_id = old.dealer_id AND name = 'reminder.open';
END;
