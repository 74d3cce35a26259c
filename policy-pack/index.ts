import { PolicyPack } from "@pulumi/policy";
import { policies } from "./policies";

new PolicyPack("shared-gpu-guardrails", { policies });
