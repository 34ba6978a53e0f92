# A lorry with one J1939 bus, as telltale-sim --truck plays it. The agent only listens here: add `address 0xF9` to the j1939 line and
# `j1939-request` lines to have it ask. The format is described in firmware/agent/profile.h.
telltale-profile 1
name truck

bus 0 powertrain
j1939 powertrain

spn 84  Vehicle.Speed                                      every 500 on-change
spn 917 Vehicle.TraveledDistance                           every 10000 on-change
spn 190 Vehicle.Powertrain.CombustionEngine.Speed          every 1000 on-change
spn 110 Vehicle.Powertrain.CombustionEngine.ECT            every 10000 on-change
spn 100 Vehicle.Powertrain.CombustionEngine.EOP            every 10000 on-change
spn 247 Vehicle.Powertrain.CombustionEngine.EngineHours    every 60000 on-change
spn 96  Vehicle.Powertrain.FuelSystem.RelativeLevel        every 30000 on-change
spn 168 Vehicle.LowVoltageBattery.CurrentVoltage           every 10000 on-change
ignition Vehicle.Powertrain.CombustionEngine.Speed on 300..9000
