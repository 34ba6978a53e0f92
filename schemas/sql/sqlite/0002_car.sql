-- What the car says beside faults and alerts: what happened to it, what was recorded around a crash, how its unit is, what answered it.

-- One row for a vehicle, kind and occurrence: BEGIN and END, and a fence's INSTANT, meet here in whichever order they come.
CREATE TABLE vehicle_event (
  id INTEGER PRIMARY KEY,
  vehicle_id INTEGER NOT NULL REFERENCES vehicle(id),
  kind INTEGER NOT NULL,       -- VehicleEventKind
  occurrence INTEGER NOT NULL, -- the unit's random number, as a signed number
  cause INTEGER NOT NULL,      -- VehicleEventCause
  subject TEXT NOT NULL DEFAULT '',
  begun INTEGER NOT NULL,      -- 0: only the END came, and began_at is counted back from it
  dwelt INTEGER NOT NULL DEFAULT 0,
  began_at INTEGER NOT NULL,
  ended_at INTEGER,            -- NULL: goes on, or its end never came
  duration_ms INTEGER NOT NULL,
  value_milli INTEGER NOT NULL, -- thousandths of the kind's unit
  limit_milli INTEGER NOT NULL, -- 0: none
  peak_milli INTEGER NOT NULL,
  odometer_m INTEGER NOT NULL DEFAULT 0, -- 0: unknown
  late INTEGER NOT NULL DEFAULT 0,
  ticket_id INTEGER REFERENCES ticket(id),
  fix INTEGER NOT NULL DEFAULT 0,
  latitude_e7 INTEGER NOT NULL DEFAULT 0,
  longitude_e7 INTEGER NOT NULL DEFAULT 0,
  accuracy_mm INTEGER NOT NULL DEFAULT 0,
  fix_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX vehicle_event_identity ON vehicle_event(vehicle_id, kind, occurrence);
CREATE INDEX vehicle_event_newest ON vehicle_event(vehicle_id, began_at, id);

-- One open ticket per vehicle and kind of happening, kept by the database as for faults.
CREATE UNIQUE INDEX ticket_open_happening ON ticket(vehicle_id, kind)
  WHERE kind IN ('coolant_hot','low_battery','tyre_pressure','fuel_drop') AND status NOT IN ('resolved','closed');

-- Signals around a trigger. A part is kept once, as the bytes of its CapturePart; wire/captured.h puts them together.
CREATE TABLE capture (
  id INTEGER PRIMARY KEY,
  vehicle_id INTEGER NOT NULL REFERENCES vehicle(id),
  number INTEGER NOT NULL,   -- the unit's random number, as a signed number
  reason INTEGER NOT NULL,   -- CaptureReason
  incident INTEGER NOT NULL, -- of the rescue case, as a signed number; 0: none
  trigger_at INTEGER NOT NULL,
  parts INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX capture_identity ON capture(vehicle_id, number);
CREATE INDEX capture_by_incident ON capture(vehicle_id, incident) WHERE incident <> 0;
CREATE TABLE capture_part (
  id INTEGER PRIMARY KEY,
  capture_id INTEGER NOT NULL REFERENCES capture(id),
  part INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX capture_part_identity ON capture_part(capture_id, part);

-- What came of commands and configurations.
CREATE TABLE told (
  id INTEGER PRIMARY KEY,
  vehicle_id INTEGER NOT NULL REFERENCES vehicle(id),
  what TEXT NOT NULL CHECK (what IN ('command','config')),
  number INTEGER NOT NULL,  -- the command's id, the document's version; as a signed number
  kind INTEGER NOT NULL,    -- CommandKind; 0 of a configuration
  outcome INTEGER NOT NULL, -- CommandOutcome, ConfigOutcome
  reason TEXT NOT NULL DEFAULT '',
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX told_newest ON told(vehicle_id, at, id);

-- Control units as they name themselves.
CREATE TABLE ecu (
  id INTEGER PRIMARY KEY,
  vehicle_id INTEGER NOT NULL REFERENCES vehicle(id),
  ecu INTEGER NOT NULL,
  name TEXT NOT NULL DEFAULT '',
  vin TEXT NOT NULL DEFAULT '',
  calibrations TEXT NOT NULL DEFAULT '[]', -- JSON: strings
  cvns TEXT NOT NULL DEFAULT '[]',         -- JSON: "9A7B3C1D"
  tests INTEGER NOT NULL DEFAULT 0,        -- monitors told last, and how many of them failed
  tests_failed INTEGER NOT NULL DEFAULT 0,
  first_seen_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,  -- when name, VIN, calibrations or CVNs last changed
  reported_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX ecu_identity ON ecu(vehicle_id, ecu);

-- The unit's own health, as its last state said.
CREATE TABLE unit_state (
  vehicle_id INTEGER PRIMARY KEY REFERENCES vehicle(id),
  unit_id INTEGER NOT NULL REFERENCES unit(id),
  reported_at INTEGER NOT NULL,
  version TEXT NOT NULL DEFAULT '',
  power INTEGER NOT NULL DEFAULT 0, -- PowerState; 0: never told
  power_since INTEGER NOT NULL DEFAULT 0,
  wake INTEGER NOT NULL DEFAULT 0,
  next_contact_at INTEGER NOT NULL DEFAULT 0,
  heard_at INTEGER NOT NULL DEFAULT 0,
  battery_mv INTEGER NOT NULL DEFAULT 0,
  below_floor INTEGER NOT NULL DEFAULT 0,
  config_version INTEGER NOT NULL DEFAULT 0,
  config_trial INTEGER NOT NULL DEFAULT 0,
  ignition_block INTEGER NOT NULL DEFAULT 0,
  slot TEXT NOT NULL DEFAULT '',
  update_refused INTEGER NOT NULL DEFAULT 0,
  metrics TEXT NOT NULL DEFAULT '{}' -- JSON: name -> number
) STRICT;

-- Of a fault, what UDS and J1939 tell beyond OBD-II.
ALTER TABLE fault ADD COLUMN status_byte INTEGER NOT NULL DEFAULT 0; -- ISO 14229-1 D.2
ALTER TABLE fault ADD COLUMN lamps INTEGER NOT NULL DEFAULT 0;       -- J1939 DM1, bytes 1 and 2
ALTER TABLE fault ADD COLUMN car_count INTEGER NOT NULL DEFAULT 0;   -- J1939 occurrence count + 1; 0: not told
ALTER TABLE fault ADD COLUMN snapshot TEXT NOT NULL DEFAULT '[]';    -- JSON: {record, did, raw}
