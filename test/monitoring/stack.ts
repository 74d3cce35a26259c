/** A stack as the rules see it: the dev stack's pool. */
import type { MonitoredStack } from "../../src/monitoring/stack";
import { gpuPool } from "../kubernetes/fixtures";

export const STACK: MonitoredStack = { pools: [gpuPool()], standardSupportEnds: "2026-12-02" };
