/** Projects that something can be lent to: those that I have a part in, and that are not finished, which borrow nothing more. */
import { get } from "../../api/client";
import type { components } from "../../api/schema";
import type { Choice } from "../../fields/picker";

export function findProjects(me: string) {
  return async (text: string, signal: AbortSignal): Promise<Choice[]> => {
    const found = await get<{ items: components["schemas"]["Project_"][] }>("/organisation/projects", signal);
    const sought = text.trim().toLowerCase();
    return found.items
      .filter((one) => one.status !== "finished" && one.members.some((part) => part.person.id === me) && one.name.toLowerCase().includes(sought))
      .map((one) => ({ id: one.id, title: one.name, value: { id: one.id, type: "project", title: one.name } }));
  };
}
