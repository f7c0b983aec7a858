/** The permission centre. Each of its areas adds a file of words of its own beside this one. */
export const accessWords = {
  "access.title": ["权限中心", "Permission centre"],
} as const;
