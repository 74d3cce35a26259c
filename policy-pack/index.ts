import { policies } from "./policies";
import { servePack } from "./engine/serve";

servePack("shared-gpu-guardrails", policies);
