/** What the API says of a process's figures. */
import type { components } from "../../api/schema";

type Schemas = components["schemas"];
export type Figures = Schemas["FlowFigures"];
export type Node = Schemas["FlowFigure"];
export type NodeFigures = NonNullable<Node["figures"]>;
export type Whole = Schemas["FlowWhole"];
export type Times = Schemas["FlowTimes"];
export type Shape = Figures["shapes"][number];
export type Edge = Figures["edges"][number];
export type Return = Figures["returns"][number];
export type Suggestion = Schemas["FlowSuggestion"];
export type Ways = Schemas["FlowWays"];
export type Beside = Schemas["FlowVersions"];
export type Foreseen = Schemas["FlowForeseen"];
export type Improvement = Schemas["FlowImprovement"];
export type OtherLog = Schemas["FlowLog"];
export interface StepName { id: string; name: { zh: string; en: string }; people: number }
/** In which time figures are shown: as people work, or as it passes. */
export type Clock = "working" | "calendar";
