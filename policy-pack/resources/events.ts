/** Resources by which AWS does something when something happens. */

export const EVENT_TARGET = "aws:cloudwatch/eventTarget:EventTarget";
export const SCHEDULE = "aws:scheduler/schedule:Schedule";
export const ALARMS: readonly string[] = ["aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm"];
export const STATE_MACHINE = "aws:sfn/stateMachine:StateMachine";
