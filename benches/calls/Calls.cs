// Calls of the client in C#: `blocking`, `awaited`, `cached`, `awaited-cached`.
using System;
using Agglestone;

var work = new Work(args);
await using var client = new AgglestoneClient();
switch (work.Way)
{
    case "blocking":
        await work.Blocking(() => client.GetUsers(1, Work.PageSize));
        break;
    case "awaited":
        await work.Awaited(() => client.GetUsersAsync(1, Work.PageSize));
        break;
    case "cached":
    case "awaited-cached":
        var userId = (await client.GetUsersAsync()).Data[0].UserId;
        await client.ExchangeApiKeyForTokenAsync(userId);
        if (work.Way == "cached")
        {
            await work.Blocking(() => client.ExchangeApiKeyForToken(userId));
        }
        else
        {
            await work.Awaited(() => client.ExchangeApiKeyForTokenAsync(userId));
        }

        break;
    default:
        throw new ArgumentException($"no way is called {work.Way}");
}
