# The demo car of telltale-sim. The format is described in firmware/agent/profile.h.
telltale-profile 1
name demo
dbc ../dbc/telltale_demo.dbc

# Movement: detection sees every frame, telemetry gets what `every` and `on-change` let through.
signal VehicleDynamics.VehicleSpeed             Vehicle.Speed                                      every 500 on-change
signal VehicleDynamics.LongitudinalAcceleration Vehicle.Acceleration.Longitudinal                  every 500 on-change
signal VehicleDynamics.LateralAcceleration      Vehicle.Acceleration.Lateral                       every 500 on-change
signal ClusterData.Odometer                     Vehicle.TraveledDistance                           every 10000 on-change

# Power and engine. LowVoltageState: 0 undefined, 1 lock, 2 off, 3 accessories, 4 on, 5 start.
signal BodyStatus.LowVoltageState               Vehicle.LowVoltageSystemState                      on-change
signal BodyStatus.BatteryVoltage                Vehicle.LowVoltageBattery.CurrentVoltage           every 10000 on-change
signal EngineData.EngineSpeed                   Vehicle.Powertrain.CombustionEngine.Speed          every 1000 on-change
signal EngineData.EngineRunning                 Vehicle.Powertrain.CombustionEngine.IsRunning      on-change
signal EngineData.CoolantTemperature            Vehicle.Powertrain.CombustionEngine.ECT            every 10000 on-change
signal EngineData.FuelLevel                     Vehicle.Powertrain.FuelSystem.RelativeLevel        every 30000 on-change
ignition Vehicle.LowVoltageSystemState on 4..5
ignition-grace 10000

# Doors.
signal BodyStatus.DoorFrontLeftOpen             Vehicle.Cabin.Door.Row1.DriverSide.IsOpen          on-change
signal BodyStatus.DoorFrontRightOpen            Vehicle.Cabin.Door.Row1.PassengerSide.IsOpen       on-change
signal BodyStatus.DoorRearLeftOpen              Vehicle.Cabin.Door.Row2.DriverSide.IsOpen          on-change
signal BodyStatus.DoorRearRightOpen             Vehicle.Cabin.Door.Row2.PassengerSide.IsOpen       on-change
signal BodyStatus.DoorFrontLeftLocked           Vehicle.Cabin.Door.Row1.DriverSide.IsLocked        on-change

# Crash and SOS.
signal AirbagStatus.DriverAirbagDeployed        Vehicle.Cabin.Seat.Row1.DriverSide.Airbag.IsDeployed     on-change
signal AirbagStatus.PassengerAirbagDeployed     Vehicle.Cabin.Seat.Row1.PassengerSide.Airbag.IsDeployed  on-change
signal AirbagStatus.RearLeftAirbagDeployed      Vehicle.Cabin.Seat.Row2.DriverSide.Airbag.IsDeployed     on-change
signal AirbagStatus.RearRightAirbagDeployed     Vehicle.Cabin.Seat.Row2.PassengerSide.Airbag.IsDeployed  on-change
signal AirbagStatus.DriverAirbagEnabled         Vehicle.Cabin.Seat.Row1.DriverSide.Airbag.IsEnabled      local
signal AirbagStatus.PassengerAirbagEnabled      Vehicle.Cabin.Seat.Row1.PassengerSide.Airbag.IsEnabled   local
signal AirbagStatus.RolloverDetected            Vehicle.Telltale.Rollover                          on-change
signal BeltStatus.DriverBelted                  Vehicle.Cabin.Seat.Row1.DriverSide.IsBelted        on-change
signal BeltStatus.PassengerBelted               Vehicle.Cabin.Seat.Row1.PassengerSide.IsBelted     on-change
signal BeltStatus.PassengerSeatOccupied         Vehicle.Cabin.Seat.Row1.PassengerSide.IsOccupied   on-change
signal SosStatus.SosButton                      Vehicle.Telltale.SosButton                         on-change

# Tyres, for detection and once a minute; cold pressures as the placard gives them.
signal TyreStatus.PressureFrontLeft              Vehicle.Chassis.Axle.Row1.Wheel.Left.Tire.Pressure        every 60000 on-change
signal TyreStatus.TemperatureFrontLeft           Vehicle.Chassis.Axle.Row1.Wheel.Left.Tire.AirTemperature  local
signal TyreStatus.PressureFrontRight             Vehicle.Chassis.Axle.Row1.Wheel.Right.Tire.Pressure        every 60000 on-change
signal TyreStatus.TemperatureFrontRight          Vehicle.Chassis.Axle.Row1.Wheel.Right.Tire.AirTemperature  local
signal TyreStatus.PressureRearLeft               Vehicle.Chassis.Axle.Row2.Wheel.Left.Tire.Pressure        every 60000 on-change
signal TyreStatus.TemperatureRearLeft            Vehicle.Chassis.Axle.Row2.Wheel.Left.Tire.AirTemperature  local
signal TyreStatus.PressureRearRight              Vehicle.Chassis.Axle.Row2.Wheel.Right.Tire.Pressure        every 60000 on-change
signal TyreStatus.TemperatureRearRight           Vehicle.Chassis.Axle.Row2.Wheel.Right.Tire.AirTemperature  local
tyre-placard 230
