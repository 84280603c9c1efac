export async function comparison() {}
export async function series() {}
