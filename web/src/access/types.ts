/** What the permission centre's routes answer, as the API describes it. */
import type { components } from "../api/schema";

type S = components["schemas"];
export type Matrix = S["Matrix"];
export type MatrixRow = S["MatrixRow"];
export type MatrixRole = S["MatrixRole"];
export type MatrixColumn = S["MatrixColumn"];
export type State = MatrixColumn["states"][number];
export type ToldLine = S["ToldLine"];
export type RoleList = S["RoleList"];
export type RoleListed = S["RoleListed"];
export type RoleView = S["RoleView"];
export type RoleStep = S["RoleStep"];
export type PartGiven = S["PartGiven"];
export type ScopeList = S["ScopeList"];
export type ScopePreview = S["ScopePreview"];
export type Vocabulary = S["Vocabulary"];
export type CeilingList = S["CeilingList"];
export type CeilingPreview = S["CeilingPreview"];
export type DutyList = S["DutyList"];
export type PolicyTests = S["PolicyTests"];
export type Draft = S["Draft"];
export type DraftBrief = S["DraftBrief"];
export type PolicyVersion = S["PolicyVersion"];
export type PersonChain = S["PersonChain"];

/** A permission line as roles state it. */
export interface RawLine {
  type: string; actions: string[]; scope: string[]; where?: [string, string, unknown?][];
  read?: Record<string, string>; write?: string[] | Record<string, boolean>; limit?: string | number | null;
}
export interface RoleState { name: string; name_en: string; description: string; template: string; template_version: number; lines: RawLine[]; [more: string]: unknown }
