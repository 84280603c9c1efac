export async function trial() {}
