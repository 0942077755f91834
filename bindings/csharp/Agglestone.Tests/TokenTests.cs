using System;
using System.Linq;
using System.Threading.Tasks;

using NUnit.Framework;

namespace Agglestone.Tests;

public sealed class TokenTests : EmulatorFixture
{
    private const string Jwt = @"^[\w-]+\.[\w-]+\.[\w-]+$";

    [Test]
    public async Task AnExchangeAnswersTheTokenItself()
    {
        using var client = Emulator.NewClient();
        Assert.That(await client.ExchangeApiKeyForTokenAsync(Amelia), Does.Match(Jwt));
        Assert.That(client.ExchangeApiKeyForToken(Amelia), Does.Match(Jwt));
    }

    [Test]
    public async Task ATokenKnowsWhenItExpires()
    {
        using var client = Emulator.NewClient();
        foreach (var token in new[] { await client.GetTokenAsync(Amelia), client.GetToken(Amelia) })
        {
            Assert.That(token.Value, Does.Match(Jwt));
            Assert.That(token.ExpiresAt, Is.EqualTo(Expiry(token.Value)));
            Assert.That(token.ExpiresAt!.Value.Offset, Is.EqualTo(TimeSpan.Zero));
        }
    }

    [Test]
    public async Task ATokenThatDoesNotSayWhenItExpiresHasNoExpiry()
    {
        await Emulator.FaultAsync(new { path = "*/token-exchange", status = 200, body = new { token = "eyJhbGciOiJub25lIn0.e30.c2ln" } });
        using var client = Emulator.NewClient();
        var token = await client.GetTokenAsync("u-1");
        Assert.That((token.Value, token.ExpiresAt), Is.EqualTo(("eyJhbGciOiJub25lIn0.e30.c2ln", (DateTimeOffset?)null)));
    }

    [Test]
    public async Task AThousandCallersForOneUserMakeOneExchange()
    {
        using var client = Emulator.NewClient();
        var tokens = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => client.ExchangeApiKeyForTokenAsync(Amelia)));
        Assert.That(tokens.Distinct().Count(), Is.EqualTo(1));
        Assert.That(client.ExchangeApiKeyForToken(Amelia), Is.EqualTo(tokens[0]));
        Assert.That(await Emulator.RequestsAsync(), Has.Count.EqualTo(1));
        var stats = client.TokenStats();
        Assert.That((stats.Size, stats.Hits + stats.Misses, stats.Renewals), Is.EqualTo((1L, 1_001L, 0L)));
    }

    [Test]
    public async Task ATokenAtHandIsAnsweredWithoutWaiting()
    {
        using var client = Emulator.NewClient();
        Assert.That(client.TryGetCachedToken(Amelia, out var none), Is.False);
        Assert.That(none, Is.Null);
        var token = await client.GetTokenAsync(Amelia);
        Assert.That(client.TryGetCachedToken(Amelia, out var cached));
        Assert.That((cached!.Value, cached.ExpiresAt), Is.EqualTo((token.Value, token.ExpiresAt)));
        Assert.That(client.GetTokenAsync(Amelia).IsCompletedSuccessfully);
        var cancelled = client.GetTokenAsync(Amelia, new System.Threading.CancellationToken(true));
        Assert.That(cancelled.IsCanceled);
    }

    [Test]
    public async Task AFreshOrForgottenTokenIsExchangedAnew()
    {
        using var client = Emulator.NewClient();
        await client.GetTokenAsync(Amelia);
        await client.GetFreshTokenAsync(Amelia);
        client.GetFreshToken(Amelia);
        Assert.That(await Emulator.RequestsAsync(), Has.Count.EqualTo(3));
        client.ForgetToken(Amelia);
        Assert.That(client.TryGetCachedToken(Amelia, out _), Is.False);
        client.GetToken(Amelia);
        client.ForgetTokens();
        await client.GetTokenAsync(Amelia);
        Assert.That(await Emulator.RequestsAsync(), Has.Count.EqualTo(5));
    }

    [Test]
    public async Task TheCacheIsAsLargeAsConfigured()
    {
        var options = Emulator.Options();
        options.TokenCacheSize = 1;
        using var client = new AgglestoneClient(options);
        await client.GetTokenAsync(Amelia);
        await client.GetTokenAsync("98685d54-c262-4143-affd-5b6e1d8c5d77");
        Assert.That(client.TryGetCachedToken(Amelia, out _), Is.False);
        Assert.That(client.TokenStats().Size, Is.EqualTo(1));
        options.TokenCacheSize = 0;
        Assert.That(Assert.Throws<AgglestoneConfigurationException>(() => _ = new AgglestoneClient(options))!.Message, Does.Contain("`TokenCacheSize`"));
    }

    [Test]
    public void TokensAreForNoOneWithoutAnIdAndNotForADisposedClient()
    {
        var client = Emulator.NewClient();
        Assert.Throws<ArgumentNullException>(() => client.TryGetCachedToken(null!, out _));
        Assert.Throws<ArgumentNullException>(() => client.ForgetToken(null!));
        Assert.ThrowsAsync<ArgumentNullException>(() => client.GetFreshTokenAsync(null!));
        Assert.That(Assert.Throws<AgglestoneArgumentException>(() => client.ForgetToken(""))!.ParamName, Is.EqualTo("userId"));
        client.Dispose();
        Assert.Throws<ObjectDisposedException>(() => client.TryGetCachedToken(Amelia, out _));
        Assert.Throws<ObjectDisposedException>(() => client.ForgetToken(Amelia));
        Assert.Throws<ObjectDisposedException>(() => client.ForgetTokens());
        Assert.Throws<ObjectDisposedException>(() => client.TokenStats());
    }

    private static DateTimeOffset Expiry(string token)
    {
        var payload = token.Split('.')[1].Replace('-', '+').Replace('_', '/');
        var json = Convert.FromBase64String(payload + new string('=', (4 - payload.Length % 4) % 4));
        using var claims = System.Text.Json.JsonDocument.Parse(json);
        return DateTimeOffset.FromUnixTimeSeconds(claims.RootElement.GetProperty("exp").GetInt64());
    }
}
