/** All dashboards of the stack. */
import { GPU_DASHBOARD } from "./gpus";
import type { Dashboard } from "./grafana";
import { PLATFORM_DASHBOARD } from "./platform";
import { TEAM_DASHBOARD } from "./team";

export const DASHBOARDS: readonly Dashboard[] = [PLATFORM_DASHBOARD, TEAM_DASHBOARD, GPU_DASHBOARD];
