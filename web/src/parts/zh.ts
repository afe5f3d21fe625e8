// zh.ts - the page's phrases in Chinese; filled in below.
export const zh: Record<string, string> = {};
