/** A stack as the rules see it: the dev stack's pool, in a capacity block. */
import type { MonitoredStack } from "../../src/monitoring/stack";
import { gpuPool } from "../kubernetes/fixtures";

export const STACK: MonitoredStack = {
  pools: [{ ...gpuPool(), capacity: { type: "capacityBlock", endDate: "2099-01-15T11:30:00Z" } }],
  standardSupportEnds: "2026-12-02",
};
