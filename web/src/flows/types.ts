/** What the processes' part of the API says. */
import type { components } from "../api/schema";

type Schemas = components["schemas"];
export type Flow = Schemas["FlowInstance"];
export type FlowHead = Schemas["FlowHead"];
export type FlowWork = Schemas["FlowWork"];
export type FlowProcess = Schemas["FlowProcess"];
export type FlowVersion = Schemas["FlowVersion"];
export type FlowTrial = Schemas["FlowMigrationTrial"];
export type FlowMigration = Schemas["FlowMigration"];
export type Mine = NonNullable<Flow["mine"]>;
export type Step = Flow["nodes"][number];
export type StepWork = Flow["work"][number];
export type Case = Flow["cases"][number];
export type Giving = Schemas["FlowGiving"];
export type Need = Schemas["FlowNeed"];
export type Packet = Schemas["FlowPacket"];
export type Handoff = Schemas["FlowHandoff"];
export type CaseFile = Schemas["FlowFile"];
export type Beginning = Schemas["FlowBeginning"];
export type Coming = Beginning["steps"][number];
export type Happening = Flow["history"][number];

export type Tended = Schemas["FlowTended"];

/** How instances concern me; `running` and `halted` are for who looks after processes. */
export type Scope = "begun" | "done" | "copied" | "running" | "halted";
export interface Checked {
  process: string; name: string; publishable: boolean;
  elements: { id: string; element: string; name: string; executed: boolean; why?: { zh: string; en: string } }[];
  problems: { place: string; code: string; message: { zh: string; en: string } }[];
}
