/** What the steps of moving people ask for, as the server takes it. Pure. */
export interface Mover { username: string; name: string }
export interface Part { key: number; project: string; role: string }
export interface Wish { department: string; position: string; manager: "" | "nobody" | "person"; boss: Mover | null; projects: Part[] }
export type Asked = {
  people: string[]; post?: { department?: string; position?: string | null }; manager?: string | null; projects?: { project: string; role: string | null }[];
};

/** Choices that are no code: unchanged, everybody's own, none; and leaving a project. */
export const NONE = "-none-", OUT = "-out-";
export const NOTHING: Wish = { department: "", position: "", manager: "", boss: null, projects: [] };

/** Whether the second step says something that can be done. */
export function complete(wish: Wish): boolean {
  const some = wish.department !== "" || wish.position !== "" || wish.manager !== "" || wish.projects.length > 0;
  return some && (wish.manager !== "person" || wish.boss !== null) && wish.projects.every((one) => one.project !== "");
}

export function askedOf(people: Mover[], wish: Wish): Asked {
  const asked: Asked = { people: people.map((one) => one.username) };
  const post = { ...(wish.department ? { department: wish.department } : {}), ...(wish.position ? { position: wish.position === NONE ? null : wish.position } : {}) };
  if (Object.keys(post).length) asked.post = post;
  if (wish.manager) asked.manager = wish.manager === "nobody" ? null : wish.boss?.username ?? null;
  if (wish.projects.length) asked.projects = wish.projects.map((one) => ({ project: one.project, role: one.role === OUT ? null : one.role }));
  return asked;
}
