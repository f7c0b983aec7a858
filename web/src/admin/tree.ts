/** The department tree from its flat list. Pure. */
import type { Department } from "../api/types";

export interface Branch { department: Department; depth: number; total: number }

/** Depth-first, children in the list's order; `total` counts the people below too. A department whose parent is not listed stands at the top. */
export function flatten(departments: Department[]): Branch[] {
  const known = new Set(departments.map((one) => one.id));
  const children = new Map<string | null, Department[]>();
  for (const one of departments) {
    const parent = one.parent && known.has(one.parent) ? one.parent : null;
    children.set(parent, [...(children.get(parent) ?? []), one]);
  }
  const branches: Branch[] = [];
  const walk = (parent: string | null, depth: number): number => {
    let sum = 0;
    for (const department of children.get(parent) ?? []) {
      const branch = { department, depth, total: department.people };
      branches.push(branch);
      branch.total += walk(department.id, depth + 1);
      sum += branch.total;
    }
    return sum;
  };
  walk(null, 0);
  return branches;
}
