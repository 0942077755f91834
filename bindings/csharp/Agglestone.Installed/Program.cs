// Installs the package as somebody else does, with JSON by generated code alone: the project has reflection switched off.
using System;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Text.Json.Serialization;

using Agglestone;

await using var client = new AgglestoneClient();

var page = await client.GetUsersAsync(pageSize: 2);
var json = JsonSerializer.Serialize(page, Own.Default.PageUser);
var read = JsonSerializer.Deserialize(json, Own.Default.PageUser)!;
Expect(read.NextPage == page.NextPage && read.Data.Select(user => user.UserId).SequenceEqual(page.Data.Select(user => user.UserId)), json);

var user = JsonSerializer.Deserialize(JsonSerializer.Serialize(page.Data[0], Own.Default.User), Own.Default.User)!;
Expect(user.UserId == page.Data[0].UserId && user.LastLoggedIn == page.Data[0].LastLoggedIn, user.UserId);

var mine = JsonSerializer.Deserialize("""{"data": [{"Name": "a"}], "pageNumber": 1}""", Own.Default.PageMine)!;
Expect(mine.Data.Single().Name == "a" && JsonSerializer.Serialize(mine, Own.Default.PageMine).Contains("\"a\"", StringComparison.Ordinal), "a page of another type");

var created = await client.RequestAsync(
    new AgglestoneRequest(HttpMethod.Post, "api/v2.0/Users") { Json = """{"email": "installed@example.com", "displayName": "Installed"}""" });
Expect(created.ReadAsJson(AgglestoneJson.User)!.Email == "installed@example.com", created.ReadAsString());

try
{
    _ = JsonSerializer.Serialize(new { reflection = true });
    Expect(false, "reflection is not switched off");
}
catch (InvalidOperationException)
{
    Console.WriteLine("users and pages by generated code");
}

static void Expect(bool holds, string what)
{
    if (!holds)
    {
        Console.Error.WriteLine($"unexpected: {what}");
        Environment.Exit(1);
    }
}

internal sealed record Mine(string Name);

[JsonSerializable(typeof(User))]
[JsonSerializable(typeof(Page<User>))]
[JsonSerializable(typeof(Page<Mine>))]
[JsonSerializable(typeof(Mine))]
internal sealed partial class Own : JsonSerializerContext;
