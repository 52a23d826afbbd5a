# SPDX-License-Identifier: LGPL-2.1-or-later
[profile]
engine = hid
title = "Ever HID"
version = 1.0
vendor = Ever

[match]
usb = 0483:a113
usb = 2e51:0000
usb = 2e51:ffff
usb = 2e51:*

# Capacities that are shares of themselves say nothing.
[when:percent]
field = UPS.PowerSummary.CapacityMode 2

[usages]
EverSystem = 00000000
EverInverterFirmware = ff000011
EverInterfaceFirmware = ff000012
EverHardware = ff000013
EverInverterProtocol = ff000014
EverInterfaceProtocol = ff000015
EverMessages = ff000016
EverOverload = ff000017
EverLowBattery = ff000018
EverBoost = ff000019
EverBuck = ff00001a
EverCharging = ff00001d
EverNeedReplacement = ff000020
EverAlarms = ff000030
EverOverloadAlarm = ff000031
EverShortCircuit = ff000032
EverOverheat = ff000033
EverBatteryOverheat = ff000034
EverEmergencyPowerOff = ff000035
EverInternalError = ff000036
EverReverseSupply = ff000037
EverNoInternalCommunication = ff000038
EverCriticalBatteryVoltage = ff000039
EverHeatsinkTemperature = ff000040
EverBatteryTemperature = ff000041
EverPowerFactor = ff000042
EverControls = ff000043
EverOn = ff000044
EverClearFault = ff000045
EverClearBatteryFault = ff000046
EverSettings = ff000050
EverEpoBlocked = ff000051
EverGreenMode = ff000052
EverButtonSound = ff000053
EverAudibleAlarm = ff000054
EverOutputVoltage = ff000060
EverOverloadClearance = ff000066
EverStandbyCharge = ff000067
EverExternalPacks = ff000068
EverMainsLosses = ff000069
EverBuckCount = ff00006a
EverBoostCount = ff00006b
EverOverloads = ff00006c
EverShortCircuits = ff00006d
EverDischarges = ff00006e
EverOverheats = ff00006f
EverMainsTime = ff000070
EverBatteryTime = ff000071
EverOverloadTime = ff000072
EverPacketsSent = ff000078
EverPacketsReceived = ff000079
EverSendErrors = ff00007a
EverReceiveErrors = ff00007b
EverNetwork = ff000080
EverDhcp = ff000081
EverEthernet = ff000082
EverHttp = ff000083
EverSnmp = ff000084
EverSnmpTrap = ff000085
EverReadOnly = ff000086
EverRestartEthernet = ff00008b
EverMode = ff000090
EverModeUnknown = ff000091
EverModeStop = ff000092
EverModeWatch = ff000095
EverModeWaiting = ff000096
EverModeEmergency = ff000097

[variables]
ups.temperature = UPS.EverSystem.EverHeatsinkTemperature function=kelvin
ups.realpower.nominal = UPS.Flow.ConfigActivePower slow
ups.power.nominal = UPS.Flow.ConfigApparentPower slow
ups.realpower = UPS.PowerConverter.Output.ActivePower
ups.power = UPS.PowerConverter.Output.ApparentPower
ups.load = UPS.PowerConverter.Output.PercentLoad
ups.load = UPS.PowerSummary.PercentLoad
ups.delay.shutdown = UPS.PowerSummary.DelayBeforeShutdown held=20 rw option=offdelay
ups.timer.shutdown = UPS.PowerSummary.DelayBeforeShutdown quick

battery.temperature = UPS.EverSystem.EverBatteryTemperature function=kelvin
battery.packs.external = UPS.EverSystem.EverExternalPacks rw
battery.capacity = UPS.PowerSummary.DesignCapacity when=!percent
battery.capacity = UPS.PowerSummary.FullChargeCapacity when=!percent
battery.type = UPS.PowerSummary.iDeviceChemistry function=string once
battery.charge = UPS.PowerSummary.RemainingCapacity
battery.runtime.low = UPS.PowerSummary.RemainingTimeLimit rw slow
battery.runtime = UPS.PowerSummary.RunTimeToEmpty
battery.voltage = UPS.PowerSummary.Voltage format=%.1f

input.frequency = UPS.PowerConverter.Input.Frequency format=%.1f
input.voltage = UPS.PowerConverter.Input.Voltage format=%.1f

output.powerfactor = UPS.EverSystem.EverPowerFactor
output.voltage.nominal = UPS.EverSystem.EverOutputVoltage rw slow
output.voltage.nominal = UPS.Flow.ConfigVoltage slow
output.frequency.nominal = UPS.Flow.ConfigFrequency slow
output.current = UPS.PowerConverter.Output.Current format=%.1f
output.frequency = UPS.PowerConverter.Output.Frequency format=%.1f
output.voltage = UPS.PowerConverter.Output.Voltage format=%.1f

outlet.1.id = UPS.OutletSystem.Outlet.OutletID
outlet.1.switchable = UPS.OutletSystem.Outlet.PresentStatus.Switchable lookup=yes-no
outlet.1.status = UPS.OutletSystem.Outlet.PresentStatus.SwitchOn/Off lookup=on-off

experimental.battery.batteryid = UPS.BatterySystem.Battery.BatteryID once
experimental.battery.systemid = UPS.BatterySystem.BatterySystemID once
experimental.battery.chargerid = UPS.BatterySystem.Charger.ChargerID once
experimental.battery.input_flowid = UPS.BatterySystem.Input.FlowID once
experimental.battery.input_id = UPS.BatterySystem.Input.InputID once
experimental.battery.output_flowid = UPS.BatterySystem.Output.FlowID once
experimental.battery.output_id = UPS.BatterySystem.Output.OutputID once
experimental.id.firmware_version_inverter = UPS.EverSystem.EverInverterFirmware function=hex once
experimental.id.firmware_version_interfaces = UPS.EverSystem.EverInterfaceFirmware function=hex once
experimental.id.hardware_version = UPS.EverSystem.EverHardware function=hex once
experimental.id.protocol_version_inverter = UPS.EverSystem.EverInverterProtocol function=hex once
experimental.id.protocol_version_interfaces = UPS.EverSystem.EverInterfaceProtocol function=hex once
experimental.control.ups_on = UPS.EverSystem.EverControls.EverOn rw
experimental.control.clear_fault = UPS.EverSystem.EverControls.EverClearFault rw
experimental.control.clear_battery_fault = UPS.EverSystem.EverControls.EverClearBatteryFault rw
experimental.control.epo_blocked = UPS.EverSystem.EverSettings.EverEpoBlocked rw
experimental.control.green_mode = UPS.EverSystem.EverSettings.EverGreenMode rw
experimental.control.button_sound = UPS.EverSystem.EverSettings.EverButtonSound rw
experimental.control.audible_alarm = UPS.EverSystem.EverSettings.EverAudibleAlarm rw
experimental.config.overload_clearance_threshold = UPS.EverSystem.EverOverloadClearance rw
experimental.config.stb_charge = UPS.EverSystem.EverStandbyCharge rw
experimental.statistics.mains_loss_counter = UPS.EverSystem.EverMainsLosses
experimental.statistics.lowering_AVR_trigger_counter = UPS.EverSystem.EverBuckCount
experimental.statistics.rising_AVR_trigger_counter = UPS.EverSystem.EverBoostCount
experimental.statistics.overload_counter = UPS.EverSystem.EverOverloads
experimental.statistics.short_circuit_counter = UPS.EverSystem.EverShortCircuits
experimental.statistics.discharge_counter = UPS.EverSystem.EverDischarges
experimental.statistics.overheat_counter = UPS.EverSystem.EverOverheats
experimental.statistics.mains_operation_time = UPS.EverSystem.EverMainsTime
experimental.statistics.autonomous_operation_time = UPS.EverSystem.EverBatteryTime
experimental.statistics.overload_operation_time = UPS.EverSystem.EverOverloadTime
experimental.networkcard.send_packets = UPS.EverSystem.EverPacketsSent raw
experimental.networkcard.received_packets = UPS.EverSystem.EverPacketsReceived raw
experimental.networkcard.send_packets_err = UPS.EverSystem.EverSendErrors raw
experimental.networkcard.received_packets_err = UPS.EverSystem.EverReceiveErrors raw
experimental.networkcard.config_dhcp_enabled = UPS.EverSystem.EverNetwork.EverDhcp
experimental.networkcard.config_ethernet_enabled = UPS.EverSystem.EverNetwork.EverEthernet
experimental.networkcard.config_http_enabled = UPS.EverSystem.EverNetwork.EverHttp
experimental.networkcard.config_snmp_enabled = UPS.EverSystem.EverNetwork.EverSnmp
experimental.networkcard.config_snmp_trap_enabled = UPS.EverSystem.EverNetwork.EverSnmpTrap
experimental.networkcard.config_readonly = UPS.EverSystem.EverNetwork.EverReadOnly
experimental.networkcard.config_restart_eth = UPS.EverSystem.EverNetwork.EverRestartEthernet
experimental.ups.flow_id = UPS.Flow.FlowID once
experimental.outlet.1.present = UPS.OutletSystem.Outlet.PresentStatus.Present lookup=yes-no
experimental.outlet.1.system_id = UPS.OutletSystem.OutletSystemID
experimental.outlet.1.switch_off_control = UPS.OutletSystem.Outlet.SwitchOffControl rw
experimental.outlet.1.switch_on_control = UPS.OutletSystem.Outlet.SwitchOnControl rw
experimental.powerconverter.input_flow_id = UPS.PowerConverter.Input.FlowID once
experimental.powerconverter.input_id = UPS.PowerConverter.Input.InputID once
experimental.powerconverter.output_flowid = UPS.PowerConverter.Output.FlowID once
experimental.powerconverter.output_id = UPS.PowerConverter.Output.OutputID once
experimental.powerconverter.powerconverterid = UPS.PowerConverter.PowerConverterID once
experimental.powersummary.capacity_granularity_1 = UPS.PowerSummary.CapacityGranularity1 once
experimental.powersummary.capacity_granularity_2 = UPS.PowerSummary.CapacityGranularity2 once
experimental.powersummary.capacity_mode = UPS.PowerSummary.CapacityMode once
experimental.powersummary.flow_id = UPS.PowerSummary.FlowID once
experimental.powersummary.rechargeable = UPS.PowerSummary.Rechargeable

[status]
online = UPS.PowerSummary.PresentStatus.ACPresent quick
awaiting-power = UPS.PowerSummary.PresentStatus.AwaitingPower quick
no-battery = UPS.PowerSummary.PresentStatus.BatteryPresent invert
comm-fault = UPS.PowerSummary.PresentStatus.CommunicationLost
comm-fault = UPS.EverSystem.EverAlarms.EverNoInternalCommunication
discharging = UPS.PowerSummary.PresentStatus.Discharging quick
replace-battery = UPS.PowerSummary.PresentStatus.NeedReplacement
replace-battery = UPS.EverSystem.EverMessages.EverNeedReplacement
overload = UPS.PowerSummary.PresentStatus.Overload quick
overload = UPS.EverSystem.EverMessages.EverOverload
overload = UPS.EverSystem.EverAlarms.EverOverloadAlarm
overheat = UPS.PowerSummary.PresentStatus.OverTemperature
overheat = UPS.EverSystem.EverAlarms.EverOverheat
overheat = UPS.EverSystem.EverAlarms.EverBatteryOverheat
shutdown-imminent = UPS.PowerSummary.PresentStatus.ShutdownImminent
low-battery = UPS.EverSystem.EverMessages.EverLowBattery
boost = UPS.EverSystem.EverMessages.EverBoost
trim = UPS.EverSystem.EverMessages.EverBuck
charging = UPS.EverSystem.EverMessages.EverCharging
off = UPS.EverSystem.EverMode.EverModeUnknown
off = UPS.EverSystem.EverMode.EverModeStop
off = UPS.EverSystem.EverMode.EverModeWatch
off = UPS.EverSystem.EverMode.EverModeWaiting
off = UPS.EverSystem.EverMode.EverModeEmergency
emergency-stop = UPS.EverSystem.EverAlarms.EverEmergencyPowerOff

[alarms]
"Output short circuit!" = UPS.EverSystem.EverAlarms.EverShortCircuit
"Internal error!" = UPS.EverSystem.EverAlarms.EverInternalError
"Reverse power supply!" = UPS.EverSystem.EverAlarms.EverReverseSupply
"Critical battery voltage!" = UPS.EverSystem.EverAlarms.EverCriticalBatteryVoltage

[commands]
load.off.delay = UPS.PowerSummary.DelayBeforeShutdown value=argument:20
shutdown.return = UPS.PowerSummary.DelayBeforeShutdown value=$ups.delay.shutdown
