import { policies } from "./policies";
import { servePack } from "./serve";

servePack("shared-gpu-guardrails", policies);
