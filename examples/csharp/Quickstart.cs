using System;
using System.Linq;

using Agglestone;

// AGGLESTONE_TENANT_ID and AGGLESTONE_API_KEY come from the environment.
using var client = new AgglestoneClient();

var page = await client.GetUsersAsync();
Console.WriteLine($"Users: {page.Data.Count} of {page.TotalRecords}");

var user = page.Data.First(user => user.Enabled == true);
var token = await client.GetTokenAsync(user.UserId);
Console.WriteLine($"Token for {user.UserId} expires {token.ExpiresAt:s}Z");
